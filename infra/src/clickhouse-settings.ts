/**
 * The embedded ClickHouse's settings and accounts, as the XML files that the engine reads.
 * Starts nothing and creates no tables.
 */
import { createHash } from 'node:crypto';

export type Account = { readonly user: string; readonly password: string };

export type ServerSettings = {
  readonly dataDir: string;
  readonly usersFile: string;
  readonly port: number;
  readonly memoryBytesMax: number;
};

const escaped = (text: string) => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);

export function serverXml({ dataDir, usersFile, port, memoryBytesMax }: ServerSettings): string {
  const directory = escaped(dataDir);
  return `<clickhouse>
  <path>${directory}/store/</path>
  <tmp_path>${directory}/tmp/</tmp_path>
  <user_files_path>${directory}/user_files/</user_files_path>
  <format_schema_path>${directory}/format_schemas/</format_schema_path>
  <users_config>${escaped(usersFile)}</users_config>
  <user_directories><users_xml><path>${escaped(usersFile)}</path></users_xml></user_directories>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${port}</http_port>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>268435456</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <max_server_memory_usage>${memoryBytesMax}</max_server_memory_usage>
  <!-- Else the limit shrinks when other programs use memory. -->
  <memory_worker_dynamic_hard_limit>0</memory_worker_dynamic_hard_limit>
  <!-- Else a busy machine refuses queries. -->
  <os_cpu_busy_time_threshold>1000000000000000000</os_cpu_busy_time_threshold>
  <keep_alive_timeout>10</keep_alive_timeout>
  <shutdown_wait_unfinished>1</shutdown_wait_unfinished>
  <access_control_improvements>
    <table_engines_require_grant>false</table_engines_require_grant>
  </access_control_improvements>
  <!-- A disk that fills up in the middle of an insert or a merge: without this the part could be taken for whole with an empty file of marks,
       and every read of its table fails from then on. -->
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <min_rows_to_fsync_after_merge>1</min_rows_to_fsync_after_merge>
  </merge_tree>
  <!-- Deleting a run drops more than the 50 GB that ask for confirmation. -->
  <max_table_size_to_drop>0</max_table_size_to_drop>
  <max_partition_size_to_drop>0</max_partition_size_to_drop>
</clickhouse>
`;
}

function account({ user, password }: Account, profile: string, grants: readonly string[]): string {
  const hash = createHash('sha256').update(password).digest('hex');
  return `<${user}>
      <password_sha256_hex>${hash}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>${profile}</profile><quota>default</quota>
      <grants>${grants.map((grant) => `<query>GRANT ${grant}</query>`).join('')}</grants>
    </${user}>`;
}

/**
 * The table function `file()` reads any file of the machine for whoever has READ ON FILE, so nobody has it: neither these two, nor
 * `default`, as which the engine's own start runs and which cannot have a password. It may do what that start needs, no more.
 * Not closed: the scalar function `file('/path')` asks for no grant, and is not confined to user_files in this engine. So whoever
 * can reach the loopback port can read what this user can read; SQL from outside must never be passed on, by any account.
 */
export function usersXml(writer: Account, reader: Account, threads: number): string {
  const ours = 'ON quaywatch.*';
  const writerGrants = [
    `SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, DROP, TRUNCATE, OPTIMIZE, SHOW, dictGet ${ours}`,
    `SYSTEM MERGES, SYSTEM FLUSH, SYSTEM SYNC REPLICA ${ours}`,
    'CREATE TEMPORARY TABLE ON *.*',
    'KILL QUERY ON *.*',
    'SELECT ON system.*',
  ];
  const readerGrants = [
    `SELECT, SHOW, dictGet ${ours}`,
    'SELECT ON system.parts',
    'SELECT ON system.tables',
    'SELECT ON system.columns',
    'SELECT ON system.one',
  ];
  return `<clickhouse>
  <profiles>
    <default>
      <max_threads>${threads}</max_threads>
      <implicit_select>0</implicit_select>
      <allow_introspection_functions>0</allow_introspection_functions>
    </default>
    <reader>
      <readonly>2</readonly>
      <max_threads>${threads}</max_threads>
      <max_execution_time>30</max_execution_time>
      <max_memory_usage>1000000000</max_memory_usage>
      <max_result_bytes>268435456</max_result_bytes>
      <cancel_http_readonly_queries_on_client_close>1</cancel_http_readonly_queries_on_client_close>
      <constraints>
        <max_execution_time><min>0.1</min><max>60</max></max_execution_time>
        <max_memory_usage><min>1</min><max>1000000000</max></max_memory_usage>
      </constraints>
    </reader>
  </profiles>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT CREATE TEMPORARY TABLE ON *.*</query></grants>
    </default>
    ${account(writer, 'default', writerGrants)}
    ${account(reader, 'reader', readerGrants)}
  </users>
  <quotas><default/></quotas>
</clickhouse>
`;
}
