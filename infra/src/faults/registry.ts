/** Every fault that `npm run faults` injects, in the order of the table. */
import { BROKER_FAULTS } from './broker-faults.ts';
import { CLUSTER_FAULTS } from './cluster-faults.ts';
import { DISK_FAULTS } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { GROUP_FAULTS } from './group-faults.ts';
import { HOSTILE_FAULTS } from './hostile-faults.ts';
import { KILLS } from './kills.ts';
import { LIFE_FAULTS } from './life-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { STORAGE_FAULTS } from './storage-faults.ts';
import { WATCH_FAULTS } from './watch-faults.ts';

export const FAULTS: readonly Fault[] = [
  ...BROKER_FAULTS,
  ...STORAGE_FAULTS,
  ...PROCESS_FAULTS,
  KILLS,
  ...HOSTILE_FAULTS,
  ...GROUP_FAULTS,
  ...CLUSTER_FAULTS,
  ...DISK_FAULTS,
  ...LIFE_FAULTS,
  ...WATCH_FAULTS,
];
