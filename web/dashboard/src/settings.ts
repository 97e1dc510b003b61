/**
 * What the reader has chosen: language, theme, colour of up and down. Kept in localStorage and mirrored on the document element.
 * One per page, as the document is; knows nothing of the data.
 */

import { computed, effect, signal } from '@preact/signals';
import type { Language } from '@quaywatch/words';

import { en } from './i18n/en.ts';
import { zh } from './i18n/zh.ts';

export type Theme = 'auto' | 'light' | 'dark';
/** Clocks of the counting day (UTC+8), UTC, or those of the port that is looked at. */
export const ZONE_CHOICES = ['shanghai', 'utc', 'port'] as const;
export type ZoneChoice = (typeof ZONE_CHOICES)[number];
export type UpDown = 'neutral' | 'redup' | 'greenup';

function stored<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const text = localStorage.getItem(`quaywatch.${key}`);
    return allowed.find((value) => value === text) ?? otherwise;
  } catch {
    // Storage can be forbidden by the browser; the page then starts with its defaults each time.
    return otherwise;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`quaywatch.${key}`, value);
  } catch {
    // As above: the choice then lasts until the page is closed.
  }
}

const firstLanguage: Language = globalThis.navigator?.language?.startsWith('zh') === true ? 'zh' : 'en';

export const language = signal<Language>(stored('language', ['en', 'zh'], firstLanguage));
export const theme = signal<Theme>(stored('theme', ['auto', 'light', 'dark'], 'auto'));
export const upDown = signal<UpDown>(stored('updown', ['neutral', 'redup', 'greenup'], 'neutral'));
/** A link may ask for another: see `zone.ts`, which says what is shown. */
export const zoneChoice = signal<ZoneChoice>(stored('zone', ZONE_CHOICES, 'shanghai'));
export const isSpoken = signal(stored('spoken', ['yes', 'no'], 'no') === 'yes');
/** Whether what the page is told makes a sound, and whether the browser shows it: both only by choice. */
export const isSounded = signal(stored('sounded', ['yes', 'no'], 'no') === 'yes');
export const isNotified = signal(stored('notified', ['yes', 'no'], 'no') === 'yes');

/** The words of the page in the reader's language. */
export const words = computed(() => (language.value === 'zh' ? zh : en));

/** Counts changes of the palette (colours, scale), for canvases that must be drawn again. */
export const paletteVersion = signal(0);

export function startSettings(): void {
  const root = document.documentElement;
  effect(() => {
    keep('language', language.value);
    root.dataset['lang'] = language.value;
    root.lang = language.value === 'zh' ? 'zh-CN' : 'en';
  });
  effect(() => {
    keep('theme', theme.value);
    keep('updown', upDown.value);
    if (theme.value === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = theme.value;
    if (upDown.value === 'neutral') delete root.dataset['updown'];
    else root.dataset['updown'] = upDown.value;
    paletteVersion.value = paletteVersion.peek() + 1;
  });
  effect(() => keep('zone', zoneChoice.value));
  effect(() => keep('spoken', isSpoken.value ? 'yes' : 'no'));
  effect(() => keep('sounded', isSounded.value ? 'yes' : 'no'));
  effect(() => keep('notified', isNotified.value ? 'yes' : 'no'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    paletteVersion.value = paletteVersion.peek() + 1;
  });
}
