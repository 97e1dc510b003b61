/**
 * JSON lines on standard error: the message is a sentence, the fields are data.
 * Keeps nothing and rotates nothing; whoever starts the process decides where the lines go.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error)
    return {
      message: value.message,
      code: 'code' in value ? value.code : undefined,
      stack: value.stack,
      cause: value.cause,
    };
  return typeof value === 'bigint' ? value.toString() : value;
}

/** @param write one line, newline included; standard error unless a test says otherwise. */
export function createLog(
  name: string,
  level: LogLevel = 'info',
  write = (line: string): unknown => process.stderr.write(line),
): Log {
  const at = (lineLevel: LogLevel) => (message: string, fields?: LogFields) => {
    if (ORDER[lineLevel] < ORDER[level]) return;
    write(
      `${JSON.stringify({ time: new Date().toISOString(), level: lineLevel, process: name, message, ...fields }, plain)}\n`,
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
