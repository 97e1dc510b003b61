import { describe, expect, it } from 'vitest';
import { en as brushEn } from '../brush/words-en.ts';
import { zh as brushZh } from '../brush/words-zh.ts';
import { en as measuresEn } from '../measures/words-en.ts';
import { zh as measuresZh } from '../measures/words-zh.ts';
import { en as rulesEn } from '../rules/words-en.ts';
import { zh as rulesZh } from '../rules/words-zh.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

type Words = { readonly [key: string]: unknown };

/** Paths of all words, with how many blanks each has. */
function paths(words: Words, before = ''): string[] {
  return Object.entries(words).flatMap(([key, word]) => {
    const path = `${before}${key}`;
    if (typeof word === 'function') return [`${path}(${word.length})`];
    return typeof word === 'object' && word !== null ? paths(word as Words, `${path}.`) : [path];
  });
}

function texts(words: Words): string[] {
  return Object.values(words).flatMap((word) => {
    if (typeof word === 'function') return [String(word('①', '②', '③'))];
    return typeof word === 'object' && word !== null ? texts(word as Words) : [String(word)];
  });
}

describe.each([
  { name: 'page', en, zh },
  { name: 'rules view', en: rulesEn, zh: rulesZh },
  { name: 'explained interval', en: brushEn, zh: brushZh },
  { name: 'measures view', en: measuresEn, zh: measuresZh },
])('catalogue of the $name', ({ en, zh }) => {
  it('has the same words with the same blanks in both languages', () =>
    expect(paths(zh).sort()).toEqual(paths(en).sort()));
  it('has no empty word', () => {
    for (const words of [en, zh]) expect(texts(words).filter((text) => text.trim() === '')).toEqual([]);
  });
  it('says minus with a minus', () => {
    for (const words of [en, zh]) expect(texts(words).filter((text) => /(^|\s)-\d/.test(text))).toEqual([]);
  });
});
