export * from './calendar.ts';
export * from './half-years.ts';
export * from './profile.ts';
export * from './reference.ts';
export * from './tables.ts';
export * from './volumes.ts';
