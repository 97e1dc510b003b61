/** Dead letters out of ClickHouse, for people. */
import { DATABASE, type StoredDeadLetter } from '@quaywatch/contracts';

type Select = <T>(query: string, params: Record<string, unknown>) => Promise<T[]>;

const columns = `SELECT topic, partition, toFloat64(offset) AS offset, entry, entries, reason,
  toUnixTimestamp64Milli(at) AS at_ms, port, terminal, detail FROM ${DATABASE}.dead_letters FINAL`;

export function storedLetters(select: Select) {
  return {
    /** Newest first. */
    deadLetters: (
      run: string,
      { reason, port }: { readonly reason: string | undefined; readonly port: string | undefined },
      rowsMax: number,
    ): Promise<StoredDeadLetter[]> => {
      const only = `${reason === undefined ? '' : 'AND reason = {reason:String}'} ${port === undefined ? '' : 'AND port = {port:String}'}`;
      return select(
        `${columns} WHERE run = {run:String} ${only} ORDER BY at DESC, offset DESC, entry LIMIT {rowsMax:UInt32}`,
        { run, reason: reason ?? '', port: port ?? '', rowsMax },
      );
    },

    deadLettersAt: (run: string, partition: number, offset: number): Promise<StoredDeadLetter[]> =>
      select(
        `${columns} WHERE run = {run:String} AND partition = {partition:UInt16} AND dead_letters.offset = {offset:UInt64} ORDER BY entry`,
        { run, partition, offset },
      ),
  };
}
