/** A catalogue in another language has every word of the English one, with the same blanks: a missing word does not compile. */
import type { en } from './en.ts';

type Word<T> = T extends (...blanks: infer Blanks) => string
  ? (...blanks: Blanks) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Word<T[Key]> };

export type Catalogue = { readonly [Key in keyof typeof en]: Word<(typeof en)[Key]> };
