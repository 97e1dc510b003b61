/** Fields of the draft by their path: each shows its value, that it differs from what is in force, and what is wrong with it. */
import { MATCHER_NAMES, type Matcher } from '@quaywatch/contracts';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { Matchers } from '../parts/matchers.tsx';
import { words } from '../settings.ts';
import { fieldTime, timeOfField } from '../time.ts';
import { durationSeconds, durationText, getAt, type Path, problemsAt } from './draft.ts';
import { problemWords } from './place-words.ts';
import { draft, isChanged, problems, put } from './state.ts';
import { ruleWords } from './words.ts';

type FieldProps = { path: Path; label: string; title?: string; isBare?: boolean; placeholder?: string };

export const valueAt = (path: Path): unknown => getAt(draft.value, path);

export function listAt(path: Path): readonly unknown[] {
  const value = valueAt(path);
  return Array.isArray(value) ? value : [];
}

export function textsAt(path: Path): string[] {
  return listAt(path).map(String);
}

/** A value read out of the draft's matchers, which came out of rules. */
export function matchersAt(path: Path): readonly Matcher[] {
  return listAt(path) as readonly Matcher[];
}

export function Problems({ path, isDeep = false, id }: { path: Path; isDeep?: boolean; id?: string }) {
  const found = problemsAt(problems.value, path, isDeep);
  if (found.length === 0) return null;
  return (
    <span class="al problem" role="alert" {...(id === undefined ? {} : { id })}>
      {found.map((one) => problemWords(one.message, ruleWords.value)).join('; ')}
    </span>
  );
}

/** A labelled field; bare ones stand in a table whose head names them, and carry their label for those who do not see it. */
function Labelled({
  path,
  label,
  isBare = false,
  children,
}: FieldProps & { children: (about: Record<string, unknown>) => ComponentChildren }) {
  const id = useId();
  const isWrong = problemsAt(problems.value, path, true).length > 0;
  const about = {
    ...(isBare ? { 'aria-label': label } : {}),
    ...(isWrong ? { 'aria-invalid': true, 'aria-describedby': id } : {}),
    class: ['in', ...(isChanged(path) ? ['changed'] : []), ...(isWrong ? ['wrong'] : [])].join(' '),
  };
  const fault = <Problems path={path} isDeep id={id} />;
  if (isBare)
    return (
      <>
        {children(about)}
        {fault}
      </>
    );
  return (
    <div class="field">
      <label for={`${id}i`}>{label}</label>
      {children({ ...about, id: `${id}i` })}
      {fault}
    </div>
  );
}

/** What is typed stays as typed until the field is left; the draft follows every stroke that can be read. */
function useTyped(shown: string): [string, (text: string) => void, () => void] {
  const [typed, setTyped] = useState(shown);
  const [isTyping, setIsTyping] = useState(false);
  useEffect(() => {
    if (!isTyping) setTyped(shown);
  }, [shown, isTyping]);
  return [
    isTyping ? typed : shown,
    (text) => {
      setIsTyping(true);
      setTyped(text);
    },
    () => setIsTyping(false),
  ];
}

/** `empty` is what an empty field means: null (never), or undefined (as the rule). */
export function NumberField(props: FieldProps & { scale?: number; step?: string; empty?: null | 'out' }) {
  const { path, scale = 1, step = 'any', empty, placeholder = '', title = '' } = props;
  const value = valueAt(path);
  const shown = typeof value === 'number' ? String(Math.round(value * scale * 1e6) / 1e6) : '';
  const [text, type, leave] = useTyped(shown);
  const change = (typed: string) => {
    type(typed);
    if (typed.trim() === '') put(path, empty === 'out' ? undefined : null);
    else if (Number.isFinite(Number(typed))) put(path, Number(typed) / scale);
  };
  return (
    <Labelled {...props}>
      {(about) => (
        <input
          {...about}
          type="number"
          inputMode="decimal"
          step={step}
          value={text}
          title={title}
          placeholder={placeholder}
          onInput={(event) => change(event.currentTarget.value)}
          onBlur={leave}
        />
      )}
    </Labelled>
  );
}

export function DurationField(props: FieldProps) {
  const { path } = props;
  const value = valueAt(path);
  const [text, type, leave] = useTyped(typeof value === 'number' ? durationText(value) : '');
  return (
    <Labelled {...props}>
      {(about) => (
        <input
          {...about}
          value={text}
          title={ruleWords.value.durationHint}
          placeholder={ruleWords.value.durationHint}
          onInput={(event) => {
            type(event.currentTarget.value);
            put(path, durationSeconds(event.currentTarget.value) ?? null);
          }}
          onBlur={leave}
        />
      )}
    </Labelled>
  );
}

/** Numbers parted by commas or spaces. */
export function NumbersField(props: FieldProps) {
  const { path, title = '' } = props;
  const [text, type, leave] = useTyped(textsAt(path).join(' '));
  return (
    <Labelled {...props}>
      {(about) => (
        <input
          {...about}
          value={text}
          title={title}
          onInput={(event) => {
            type(event.currentTarget.value);
            put(
              path,
              event.currentTarget.value
                .split(/[\s,，、]+/)
                .filter((part) => part !== '')
                .map(Number),
            );
          }}
          onBlur={leave}
        />
      )}
    </Labelled>
  );
}

export function TextField(props: FieldProps) {
  const { path, placeholder = '' } = props;
  return (
    <Labelled {...props}>
      {(about) => (
        <input
          {...about}
          value={String(valueAt(path) ?? '')}
          placeholder={placeholder}
          onInput={(event) => put(path, event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

/** @param props.zone IANA zone on whose clocks the moment is typed and shown; the label says which. */
export function TimeField(props: FieldProps & { zone: string }) {
  const { path, zone } = props;
  const value = valueAt(path);
  return (
    <Labelled {...props}>
      {(about) => (
        <input
          {...about}
          type="datetime-local"
          value={typeof value === 'number' ? fieldTime(value, zone) : ''}
          onChange={(event) => put(path, timeOfField(event.currentTarget.value, zone) ?? null)}
        />
      )}
    </Labelled>
  );
}

type Option = readonly [value: string, name: string];

export function SelectField(props: FieldProps & { options: readonly Option[] }) {
  const { path, options } = props;
  const value = String(valueAt(path) ?? '');
  const isKnown = options.some(([one]) => one === value);
  return (
    <Labelled {...props}>
      {(about) => (
        <select {...about} value={value} onChange={(event) => put(path, event.currentTarget.value)}>
          {!isKnown && <option value={value}>{value}</option>}
          {options.map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** Some of a few values, as buttons; they stand in the order of the options, however they were chosen. */
export function ChoicesField({ path, label, options }: FieldProps & { options: readonly Option[] }) {
  const chosen = textsAt(path);
  const toggle = (value: string) => {
    const next = new Set(chosen);
    if (!next.delete(value)) next.add(value);
    const known = options.map(([one]) => one).filter((one) => next.has(one));
    put(path, [...known, ...[...next].filter((one) => !known.includes(one))]);
  };
  return (
    <fieldset class={isChanged(path) ? 'vals changed' : 'vals'} aria-label={label}>
      {options.map(([value, name]) => (
        <button
          key={value}
          type="button"
          class={chosen.includes(value) ? 'val on' : 'val'}
          aria-pressed={chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          {name}
        </button>
      ))}
      <Problems path={path} isDeep />
    </fieldset>
  );
}

export function SwitchField({ path, label, isBare = false }: FieldProps) {
  return (
    <label class={isChanged(path) ? 'switch changed' : 'switch'}>
      <input
        type="checkbox"
        checked={valueAt(path) === true}
        aria-label={label}
        onChange={(event) => put(path, event.currentTarget.checked)}
      />
      {isBare ? '' : label}
    </label>
  );
}

export function MatchersField({ path, label }: FieldProps) {
  return (
    <div class={isChanged(path) ? 'changed' : ''}>
      <Matchers matchers={matchersAt(path)} onChange={(next) => put(path, next)} label={label} />
      <Problems path={path} isDeep />
    </div>
  );
}

export const fieldOptions = (): Option[] => MATCHER_NAMES.map((name) => [name, words.value.matcher.names[name]]);

export function removeAt(path: Path, index: number): void {
  const list = listAt(path);
  put(
    path,
    list.filter((_, i) => i !== index),
  );
}

export function addTo(path: Path, value: unknown): void {
  put(path, [...listAt(path), value]);
}
