import { PORTS } from '@quaywatch/contracts';
import { offsetMs, ZONE } from '@quaywatch/words';
import { afterEach, describe, expect, it } from 'vitest';
import { linksOf } from './parts/share.tsx';
import { arrivals, arrivedAt, hrefOf, linkedZone, parseRoute, route, withZone } from './route.ts';
import { zoneChoice } from './settings.ts';
import { chooseZone, dayNote, shownChoice, shownZone, zoneBy, zoneFor, zoneOfWindows } from './zone.ts';

afterEach(() => {
  zoneChoice.value = 'shanghai';
  linkedZone.value = null;
  route.value = parseRoute('');
});

describe('the zone of moments', () => {
  it.each([
    ['shanghai', 'CNSHA', ZONE],
    ['utc', 'CNSHA', 'UTC'],
    ['port', 'CNSHA', 'Asia/Shanghai'],
    ['port', '', ZONE],
    ['utc', '', 'UTC'],
  ] as const)('chosen %s, of %s: %s', (choice, port, zone) => expect(zoneBy(choice, port)).toBe(zone));

  it('is known of every port, and one for all: once it is not, lists must name the zone of each row', () => {
    const [winter, summer] = [Date.parse('2025-01-15T00:00:00Z'), Date.parse('2025-07-15T00:00:00Z')];
    for (const { zone } of PORTS)
      for (const time of [winter, summer]) expect(offsetMs(time, zone)).toBe(offsetMs(time, ZONE));
  });

  it('is what the link asks for before what the reader has chosen, and every address then carries it', () => {
    expect([shownChoice.value, hrefOf('port', 'CNSHA')]).toEqual(['shanghai', '#/port/CNSHA']);
    linkedZone.value = 'utc';
    expect([shownChoice.value, shownZone.value, zoneFor('CNSHA')]).toEqual(['utc', 'UTC', 'UTC']);
    expect(hrefOf('port', 'CNSHA', { size: 'hour' })).toBe('#/port/CNSHA?size=hour&zone=utc');
  });

  it.each([
    ['a new link asks for it', '#/port/CNSHA?zone=utc', false, null, 'utc', '#/port/CNSHA?zone=utc'],
    ['a new link without one leaves it', '#/port/CNSHA', false, 'utc', 'utc', '#/port/CNSHA?zone=utc'],
    [
      'Back to a link after another choice',
      '#/port/CNSHA?size=hour&zone=utc',
      true,
      null,
      null,
      '#/port/CNSHA?size=hour',
    ],
    ['Back to a link after another link', '#/port/CNSHA?zone=utc', true, 'port', 'port', '#/port/CNSHA?zone=port'],
    ['Back to where no link was', '', true, 'utc', 'utc', '#/overview?zone=utc'],
    ['Back without any link', '', true, null, null, ''],
  ] as const)('%s', (_what, hash, isSeen, linked, zone, after) => {
    expect(arrivedAt(hash, isSeen, linked)).toEqual({ hash: after, zone });
    expect(parseRoute(withZone(after, null)).view).toBe(parseRoute(hash).view);
  });

  it('is chosen where the reader is: nobody has come to another address by it', () => {
    const place = { hash: '#/replay/r1?from=1&to=9&at=5&zone=utc' };
    const history = {
      replaceState: (_state: unknown, _title: string, hash: string) => {
        place.hash = hash;
      },
    };
    Object.assign(globalThis, { location: place, history });
    try {
      linkedZone.value = 'utc';
      const before = arrivals.peek();
      chooseZone('port');
      expect([place.hash, linkedZone.peek(), shownChoice.peek()]).toEqual([
        '#/replay/r1?from=1&to=9&at=5',
        null,
        'port',
      ]);
      expect(route.peek().query.has('zone')).toBe(false);
      expect(arrivals.peek()).toBe(before);
    } finally {
      Reflect.deleteProperty(globalThis, 'location');
      Reflect.deleteProperty(globalThis, 'history');
    }
  });

  it('never moves the days in which is counted', () => {
    zoneChoice.value = 'utc';
    expect([zoneOfWindows(86_400, 'UTC'), zoneOfWindows(3600, 'UTC')]).toEqual([ZONE, 'UTC']);
    expect(dayNote.value).toBe(' (UTC+8)');
    zoneChoice.value = 'shanghai';
    expect(dayNote.value).toBe('');
  });

  it('is frozen in a shared link', () => {
    const port = linksOf(parseRoute('#/port/CNSHA?size=hour'), 1_750_000_000_000, 'utc');
    expect(port.live).toBe('#/port/CNSHA?size=hour&zone=utc');
    expect(new URLSearchParams(port.frozen.split('?')[1]).get('zone')).toBe('utc');
    const overview = linksOf(parseRoute('#/overview'), 1_750_000_000_000, 'port');
    expect(overview.live).toBe('#/overview?zone=port');
    expect(overview.frozen).toContain('&zone=port');
    const replay = linksOf(parseRoute('#/replay/r1?at=5&zone=utc'), 1_750_000_000_000, 'shanghai');
    expect(replay.frozen).toBe('#/replay/r1?at=5&zone=shanghai');
  });
});
