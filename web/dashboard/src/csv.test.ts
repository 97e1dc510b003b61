import { describe, expect, it } from 'vitest';
import { csvField } from './csv.ts';

describe('csvField', () => {
  it('tells no data from zero', () => {
    expect(csvField(null)).toBe('');
    expect(csvField(0)).toBe('0');
  });
  it('quotes what would break the row', () => expect(csvField('a,"b"')).toBe('"a,""b"""'));
});
