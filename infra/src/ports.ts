/**
 * Loopback ports: finds free ones, and says who holds one that is taken.
 * Reserves nothing: between the finding and the use another program may come first, so callers retry.
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

/** @param port 0 for any. Resolves to the port that could be bound, undefined when it is taken. */
function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}

export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await tryPort(port, host)) !== undefined;
}

/** @param preferred taken when it is free, so that a restarted engine is found at its old address. */
export async function freePort(preferred?: number): Promise<number> {
  const found =
    (preferred === undefined ? undefined : await tryPort(preferred, '127.0.0.1')) ?? (await tryPort(0, '127.0.0.1'));
  if (found === undefined) throw new Error('This machine has no free loopback port.');
  return found;
}

/** "node server.js (pid 4711)" where the system tells, else undefined. */
export async function portHolder(port: number): Promise<string | undefined> {
  const run = promisify(execFile);
  const outputOf = (command: string, args: readonly string[]) =>
    run(command, args).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
  const sockets = await outputOf('ss', ['-Hltnp', `sport = :${port}`]);
  const pid =
    /pid=(\d+)/.exec(sockets)?.[1] ??
    /\d+/.exec(await outputOf('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']))?.[0];
  if (pid === undefined) return undefined;
  const commandLine = await outputOf('ps', ['-o', 'args=', '-p', pid]);
  return `${commandLine.length > 80 ? `…${commandLine.slice(-80)}` : commandLine} (pid ${pid})`;
}
