/** The words of the explained interval in the reader's language. */
import { computed } from '@preact/signals';
import { language } from '../settings.ts';
import { en } from './words-en.ts';
import { zh } from './words-zh.ts';

type Word<T> = T extends (...blanks: infer Blanks) => string
  ? (...blanks: Blanks) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Word<T[Key]> };

export type BrushCatalogue = { readonly [Key in keyof typeof en]: Word<(typeof en)[Key]> };

export const brushWords = computed<BrushCatalogue>(() => (language.value === 'zh' ? zh : en));
