/** The product and a browser for the tests of the page: one command on a directory of its own, Chromium, and Ctrl-C. Asserts nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { freePort } from '../ports.ts';
import { eventually } from '../testing.ts';
import { root } from './bench.testing.ts';

export type Product = { readonly child: ChildProcess; readonly url: string };

/** Of a scenario: four of Ningbo-Zhoushan's eleven terminals stand still, open at the first look and for hours more. */
export const NINGBO_STALL = {
  kind: 'stall',
  port: 'CNNGB',
  terminals: ['CNNBO:BLGAN', 'CNNBO:BLYIN', 'CNNBO:BLYUA', 'CNNBO:BLTCT'],
  from: '-2h',
  to: '+3h',
  factor: 0,
};

/** @param directory exists; scenario, data and whatever else is told in `env` lie there. Ends when the page is live. */
export async function startProduct(
  directory: string,
  scenario: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'scenario.json');
  writeFileSync(file, JSON.stringify(scenario));
  const args = ['start', '--data', join(directory, 'data'), '--port', String(port), '--scenario', file];
  const child = spawn(process.execPath, [join(root, 'infra/bootstrap.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, KAFKA_BROKERS: '', CLICKHOUSE_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const isLive = () => {
    if (child.exitCode !== null) throw new Error(`The product ended with ${child.exitCode}:\n${said.join('')}`);
    return said.join('').includes(`Quaywatch is live at ${url}`);
  };
  try {
    await eventually('the product says that it is live', isLive, 100_000);
  } catch (cause) {
    await stopProduct(child);
    throw new Error(`The product did not come to life; it said:\n${said.join('')}`, { cause });
  }
  return { child, url };
}

export async function stopProduct(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  await gone;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** Only when somebody asked for pictures. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder !== undefined && folder !== '') await page.screenshot({ path: resolve(root, folder, `${name}.png`) });
}
