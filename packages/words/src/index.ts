export * from './alert.ts';
export * from './format.ts';
export * from './moments.ts';
export * from './names.ts';
export * from './places.ts';
export * from './sentence.ts';
