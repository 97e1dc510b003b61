/** A list of matchers as a form: what is looked at, is or is not, and the values. All of them must hold. */
import { MATCHER_NAMES, type Matcher } from '@quaywatch/contracts';
import { useId, useState } from 'preact/hooks';
import { type MatcherName, nextName, valueName, valuesOf } from '../matcher-words.ts';
import { language, words } from '../settings.ts';

/** Up to so many values, all kinds of alert among them, are shown as buttons; more, as of ports, are chosen by typing. */
const buttonsMax = 16;

function toggled(values: readonly string[], value: string): string[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}

function TypedValues({ matcher, onChange }: { matcher: Matcher; onChange: (values: string[]) => void }) {
  const w = words.value.matcher;
  const id = useId();
  const [text, setText] = useState('');
  const lang = language.value;
  const known = valuesOf(matcher.name);
  const add = (typed: string) => {
    const wanted = typed.trim().toLowerCase();
    const code = known.find(
      (one) => one.toLowerCase() === wanted || valueName(matcher.name, one, lang).toLowerCase() === wanted,
    );
    const value = code ?? (known.length === 0 ? typed.trim() : '');
    if (value === '') return;
    if (!matcher.values.includes(value)) onChange([...matcher.values, value]);
    setText('');
  };
  return (
    <>
      {matcher.values.map((value) => (
        <button
          key={value}
          type="button"
          class="val on"
          aria-label={w.removeValue(valueName(matcher.name, value, lang))}
          onClick={() => onChange(toggled(matcher.values, value))}
        >
          {valueName(matcher.name, value, lang)} <span aria-hidden="true">×</span>
        </button>
      ))}
      <input
        class="in"
        list={id}
        value={text}
        aria-label={w.addValue}
        placeholder={w.addValue}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => add(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add(event.currentTarget.value);
        }}
      />
      <datalist id={id}>
        {known.map((value) => (
          <option key={value} value={valueName(matcher.name, value, lang)}>
            {value}
          </option>
        ))}
      </datalist>
    </>
  );
}

export function Values({ matcher, onChange }: { matcher: Matcher; onChange: (values: string[]) => void }) {
  const known = valuesOf(matcher.name);
  if (known.length === 0 || known.length > buttonsMax) return <TypedValues matcher={matcher} onChange={onChange} />;
  return (
    <>
      {known.map((value) => (
        <button
          key={value}
          type="button"
          class={matcher.values.includes(value) ? 'val on' : 'val'}
          aria-pressed={matcher.values.includes(value)}
          onClick={() => onChange(toggled(matcher.values, value))}
        >
          {valueName(matcher.name, value, language.value)}
        </button>
      ))}
    </>
  );
}

export function Matchers({
  matchers,
  onChange,
  label,
}: {
  matchers: readonly Matcher[];
  onChange: (matchers: Matcher[]) => void;
  label: string;
}) {
  const w = words.value.matcher;
  const put = (index: number, matcher: Matcher) => onChange(matchers.map((one, i) => (i === index ? matcher : one)));
  return (
    <fieldset class="matchers" aria-label={label}>
      {matchers.map((matcher, index) => (
        <div class="matcher" key={index}>
          <select
            class="in"
            aria-label={w.name}
            value={matcher.name}
            onChange={(event) => {
              const name = MATCHER_NAMES.find((one) => one === event.currentTarget.value);
              if (name !== undefined) put(index, { ...matcher, name, values: [] });
            }}
          >
            {MATCHER_NAMES.map((name: MatcherName) => (
              <option key={name} value={name}>
                {w.names[name]}
              </option>
            ))}
          </select>
          <select
            class="in"
            aria-label={w.operator}
            value={matcher.op}
            onChange={(event) => put(index, { ...matcher, op: event.currentTarget.value === '!=' ? '!=' : '=' })}
          >
            <option value="=">{w.equal}</option>
            <option value="!=">{w.notEqual}</option>
          </select>
          <button
            type="button"
            class="tb"
            aria-label={w.remove(w.names[matcher.name])}
            onClick={() => onChange(matchers.filter((_, i) => i !== index))}
          >
            ×
          </button>
          <fieldset class="vals" aria-label={w.names[matcher.name]}>
            <Values matcher={matcher} onChange={(values) => put(index, { ...matcher, values })} />
          </fieldset>
        </div>
      ))}
      <button
        type="button"
        class="bt"
        onClick={() => onChange([...matchers, { name: nextName(matchers), op: '=', values: [] }])}
      >
        {w.add}
      </button>
    </fieldset>
  );
}
