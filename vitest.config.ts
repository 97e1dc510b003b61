/**
 * The tests, by what they need: pure ones side by side, those that start engines or browsers one file after another,
 * because two brokers on two cores make each other's time limits fail.
 */
import { defineConfig } from 'vitest/config';

const engines = ['**/*.kafka.test.ts', '**/*.clickhouse.test.ts', '**/*.e2e.test.ts'];
const never = ['**/node_modules/**', '**/dist/**', '.cache/**', '.quaywatch/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['**/*.test.ts'],
          exclude: [...never, ...engines, '**/*.sim.test.ts'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['**/*.sim.test.ts'],
          exclude: never,
          testTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'engines',
          include: engines,
          exclude: never,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
