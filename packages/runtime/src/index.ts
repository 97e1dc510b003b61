export * from './config.ts';
export * from './engine-fields.ts';
export * from './lifecycle.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './random.ts';
export * from './retry.ts';
