/** `npm run dead-letters -- list | show | redrive`: what was not counted, what it is, and how it is sent again. */
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import {
  DEAD_LETTER_REASONS,
  DEAD_LETTERS_TOPIC,
  MOVES_TOPIC,
  portOf,
  REPORT_CONTENT_TYPE,
  type StoredDeadLetter,
} from '@quaywatch/contracts';
import { createKafka } from '@quaywatch/kafka';
import { createLog, type LogLevel, runProcess } from '@quaywatch/runtime';
import { commandAttemptsMax, createStore, type Store } from './adapters/clickhouse-store.ts';
import { offsetsAt } from './adapters/kafka-log.ts';
import { appendRecord, findRecord } from './adapters/kafka-record.ts';
import { processorConfig } from './config.ts';
import { describe, mend, type Place, placeOf, printable, settingOf, settledEntries } from './dead-letters.ts';

const usage = `Usage: npm run dead-letters -- list [--reason REASON] [--port CODE] [--run RUN] [--limit N] [--json]
       npm run dead-letters -- show PARTITION/OFFSET[/ENTRY] [--run RUN]
       npm run dead-letters -- redrive PARTITION/OFFSET [--set terminal=CODE …] [--yes]

What was not counted, and why (docs/contract.md says what mends each reason).
  list            newest first; PARTITION/OFFSET is where the record stands in the log
  show            the record's header and entries, or its bytes when it cannot be read
  redrive         appends it to the live log again, now. With --set (port, terminal, source, contract_major, function, amends_report_id,
                  amends_base_time_s, base_time_s), and when some of its entries were taken, under a report id that names the old record;
                  else as it is. Asks first, unless --yes. Twice does no harm: the moves are duplicates then.
  --data DIR      data directory of the embedded engines (default .quaywatch)`;

const limitMax = 10_000;
/** The copy on the dead-letter topic was written soon after the letter's log time, or later when the processor was catching up. */
const copySinceMs = 3_600_000;

function wrongUse(problem: string): never {
  process.stderr.write(`${problem}\n\n${usage}\n`);
  process.exit(2);
}

const OPTIONS = {
  reason: { type: 'string' },
  port: { type: 'string' },
  run: { type: 'string', default: 'live' },
  limit: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
  set: { type: 'string', multiple: true },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parse() {
  try {
    return parseArgs({ options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = parse();
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const [command, where] = positionals;
const limit = Number(values.limit);
if (command !== 'list' && command !== 'show' && command !== 'redrive')
  wrongUse(command === undefined ? 'A command is missing.' : `There is no command ${command}.`);
const problems: string[] = [];
if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) problems.push(`--limit is 1 to ${limitMax}.`);
const reasons: readonly string[] = DEAD_LETTER_REASONS;
if (values.reason !== undefined && !reasons.includes(values.reason))
  problems.push(`--reason is one of ${DEAD_LETTER_REASONS.join(', ')}.`);
const settings = (values.set ?? []).flatMap((text) => {
  const setting = settingOf(text);
  if (typeof setting !== 'string') return [setting];
  problems.push(setting);
  return [];
});
const place = command === 'list' ? undefined : placeOf(where ?? '');
if (command !== 'list' && place === undefined) problems.push('Which one? PARTITION/OFFSET, as list shows it.');
if (problems.length > 0) wrongUse(problems.join('\n'));

const say = (line: string) => process.stdout.write(`${line}\n`);
const config = processorConfig();
const log = createLog('dead-letters', config.logLevel as LogLevel);

function lineOf(one: StoredDeadLetter): string {
  const at = `${one.partition}/${one.offset}${one.entry < 0 ? '' : `/${one.entry}`}`;
  const origin = `${printable(one.port, 12)} ${printable(one.terminal, 24)}`.trim();
  return `${at.padEnd(16)} ${new Date(one.at_ms).toISOString()}  ${one.reason.padEnd(20)} ${String(one.entries).padStart(5)}  ${origin.padEnd(20)} ${printable(one.detail)}`;
}

async function list(store: Store): Promise<void> {
  const port = values.port === undefined ? undefined : (portOf(values.port)?.code ?? values.port);
  const letters = await store.deadLetters(values.run, { reason: values.reason, port }, limit);
  if (values.json) say(JSON.stringify({ dead_letters: letters }));
  else for (const letter of letters) say(lineOf(letter));
  if (letters.length === 0) process.stderr.write('There are none.\n');
}

/** The record as it came: from its log, or the copy of its first 64 KiB when retention has taken it. */
async function bytesOf(kafka: ReturnType<typeof createKafka>, letter: StoredDeadLetter) {
  const { topic, partition, offset } = letter;
  const found = await findRecord(kafka, topic, partition, offset, (message) => Number(message.offset) >= offset);
  if (found !== undefined && Number(found.offset) === offset)
    return { bytes: found.value ?? Buffer.alloc(0), isWhole: true };
  const from = (await offsetsAt(kafka, DEAD_LETTERS_TOPIC, letter.at_ms - copySinceMs)).get(0) ?? 0;
  const header = (message: { headers?: Record<string, unknown> | undefined }, name: string) =>
    String(message.headers?.[name] ?? '');
  const copy = await findRecord(
    kafka,
    DEAD_LETTERS_TOPIC,
    0,
    from,
    (message) =>
      header(message, 'topic') === topic &&
      header(message, 'partition') === String(partition) &&
      header(message, 'offset') === String(offset),
  );
  if (copy === undefined) throw new Error(`Neither ${topic} nor ${DEAD_LETTERS_TOPIC} has the record any more.`);
  const bytes = copy.value ?? Buffer.alloc(0);
  return { bytes, isWhole: Number(header(copy, 'size')) === bytes.length };
}

async function confirm(question: string): Promise<boolean> {
  if (values.yes) return true;
  if (!process.stdin.isTTY) wrongUse('Nobody can be asked here: say --yes.');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`${question} [y/N] `);
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function redrive(
  kafka: ReturnType<typeof createKafka>,
  letter: StoredDeadLetter,
  { bytes, isWhole }: { bytes: Buffer; isWhole: boolean },
): Promise<boolean> {
  const at = `${letter.partition}/${letter.offset}`;
  const no = (why: string) => {
    process.stderr.write(`${at} is not sent again: ${why}.\n`);
    return false;
  };
  if (letter.topic !== MOVES_TOPIC) return no(`it is in ${letter.topic}, and a recording is not added to`);
  if (!isWhole) return no('only its first 64 KiB are kept; the sender has to send it again');
  const made = mend(bytes, { ...letter, wasTaken: letter.entry >= 0 }, settings);
  if ('problem' in made) return no(made.problem);
  const { settled, entries } = settledEntries(made.bytes, Date.now());
  if (entries > 0 && settled === entries)
    return no('its days have settled, 48 hours after their end: every entry would come back as too_late');
  if (settled > 0) say(`${settled} of ${entries} entries are of settled days and will come back as too_late.`);
  const what = made.bytes === bytes ? 'as it is' : `as report ${printable(made.reportId)}`;
  if (!(await confirm(`Append ${at} to ${MOVES_TOPIC}, partition ${made.partition}, ${what}?`)))
    return no('not confirmed');
  const headers = { 'content-type': REPORT_CONTENT_TYPE, 'quaywatch-redrive': at };
  const offset = await appendRecord(kafka, MOVES_TOPIC, {
    partition: made.partition,
    key: made.key,
    value: made.bytes,
    headers,
  });
  say(`${at} was appended as ${made.partition}/${offset}, ${what}.`);
  return true;
}

async function one(store: Store, { partition, offset, entry }: Place): Promise<boolean> {
  const letters = await store.deadLettersAt(values.run, partition, offset);
  const [first] = letters;
  if (first === undefined) {
    process.stderr.write(`The run ${values.run} has no dead letter at ${partition}/${offset}.\n`);
    return false;
  }
  const kafka = createKafka(config, 'quaywatch-dead-letters', log);
  const found = await bytesOf(kafka, first);
  if (command === 'redrive') return redrive(kafka, first, found);
  for (const letter of letters) say(lineOf(letter));
  if (!found.isWhole) say('Only its first 64 KiB are left:');
  for (const line of describe(found.bytes, entry)) say(line);
  return true;
}

await runProcess(log, async (stop) => {
  const store = createStore(config, log, stop, commandAttemptsMax);
  try {
    if (place === undefined) await list(store);
    else if (!(await one(store, place))) process.exit(1);
  } finally {
    await store.close();
  }
});
