/**
 * The ClickHouse engine's own process: loads libchdb and runs `clickhouse local` in it, which serves HTTP.
 * The call blocks this process's main thread for as long as the engine lives, so nothing else may live here.
 *
 * Arguments: the path of libchdb.so, then those of `clickhouse-local`.
 */
const { writeSync } = require('node:fs') as typeof import('node:fs');
const { DataType, load, open } = require('ffi-rs') as typeof import('ffi-rs');

const library = 'chdb';
const [path = '', ...args] = process.argv.slice(2);
const command = ['clickhouse-local', ...args];
process.title = 'quaywatch-clickhouse';
open({ library, path });
const result = load({
  library,
  funcName: 'chdb_query_cmdline',
  retType: DataType.BigInt, // chdb_result *
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [command.length, command],
});

const ofResult = { library, funcName: 'chdb_result_error', paramsType: [DataType.BigInt], paramsValue: [result] };
// Asked for as a number first: reading a null pointer as text would crash.
if (Number(result) !== 0 && Number(load({ ...ofResult, retType: DataType.BigInt })) !== 0) {
  writeSync(2, `${load({ ...ofResult, retType: DataType.String })}\n`);
}
// The engine has closed its listeners and tables. The exit hooks of the library and of Node race, so none of them runs.
process.kill(process.pid, 'SIGKILL');
