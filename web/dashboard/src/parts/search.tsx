/** Search and commands: ports and terminals by any of their names, views, and settings. */

import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { portName, terminalName } from '@quaywatch/words';
import { useState } from 'preact/hooks';
import { usePage } from '../context.tsx';

import { setKiosk } from '../kiosk/mode.ts';
import { go } from '../route.ts';
import { isNotified, isSounded, isSpoken, language, theme, upDown, words, ZONE_CHOICES } from '../settings.ts';
import { chooseZone } from '../zone.ts';
import { lastPort } from './header.tsx';
import { Modal } from './modal.tsx';
import { toggleNotified, toggleSounded } from './notices.tsx';

type Entry = { readonly name: string; readonly hint: string; readonly text: string; readonly run: () => void };
const entriesMax = 12;

function entries(showHelp: () => void, showShare: () => void): Entry[] {
  const w = words.value;
  const lang = language.value;
  const ports = PORTS.map(
    (port): Entry => ({
      name: portName(port.code, lang),
      hint: port.code,
      text: [port.code, port.nameEn, port.nameZh, ...port.aliases].join(' '),
      run: () => go('port', port.code),
    }),
  );
  const terminals = TERMINALS.map((terminal): Entry => {
    const code = PORTS[terminal.portIndex]?.code ?? '';
    return {
      name: terminalName(terminal.code, lang),
      hint: `${terminal.code} · ${portName(code, lang)}`,
      text: `${terminal.code} ${terminal.nameEn} ${terminalName(terminal.code, 'zh')}`,
      run: () => go('port', code),
    };
  });
  const view = (name: string, run: () => void): Entry => ({ name, hint: '', text: name, run });
  const commands = [
    view(w.overview, () => go('overview')),
    view(w.port, () => go('port', lastPort())),
    view(w.measures, () => go('measures')),
    view(w.alerts, () => go('alerts')),
    view(w.rules, () => go('rules')),
    view(w.replay, () => go('replay')),
    view(w.keys, showHelp),
    view(w.share, showShare),
    view(w.kioskOn, () => setKiosk(true)),
    view(w.otherLanguageLong, () => {
      language.value = lang === 'zh' ? 'en' : 'zh';
    }),
    ...(['auto', 'light', 'dark'] as const).map((value) =>
      view(w.themes[value], () => {
        theme.value = value;
      }),
    ),
    ...(['neutral', 'redup', 'greenup'] as const).map((value) =>
      view(w.colours[value], () => {
        upDown.value = value;
      }),
    ),
    ...ZONE_CHOICES.map((choice) => view(w.zones[choice], () => chooseZone(choice))),
    view(w.soundSwitch(isSounded.value), toggleSounded),
    view(w.notifySwitch(isNotified.value), toggleNotified),
    view(w.speakSummary(isSpoken.value), () => {
      isSpoken.value = !isSpoken.peek();
    }),
  ];
  return [...commands, ...ports, ...terminals];
}

export function Search({ onClose }: { onClose: () => void }) {
  const { dialogs } = usePage();
  const w = words.value;
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const found = entries(
    () => dialogs.show({ kind: 'help' }),
    () => dialogs.show({ kind: 'share' }),
  )
    .filter((entry) => entry.text.toLowerCase().includes(wanted))
    .slice(0, entriesMax);
  const choose = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt(Math.max(0, Math.min(found.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[at]);
    }
  };
  return (
    <Modal title={w.search} onClose={onClose}>
      <input
        class="in search"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="search-list"
        aria-activedescendant={`search-${at}`}
        aria-label={w.searchHint}
        placeholder={w.searchHint}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="search-list" role="listbox" aria-label={w.search}>
        {found.map((entry, index) => (
          <button
            key={`${entry.name} ${entry.hint}`}
            id={`search-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            class={index === at ? 'opt on' : 'opt'}
            onClick={() => choose(entry)}
          >
            {entry.name} <span class="pc">{entry.hint}</span>
          </button>
        ))}
        {found.length === 0 && <p class="note">{w.nothingFound}</p>}
      </div>
    </Modal>
  );
}
