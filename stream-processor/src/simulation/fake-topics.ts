/**
 * What the live run publishes, as its readers get it: transitions, dead letters, rows and marks. At least once, so what comes twice must be the same;
 * rows and marks must be those of the undisturbed run. A send may be taken in part and then fail.
 */
import type { AlertTransition, ClosedThroughMark, DeadLetter, ThroughputRow } from '@quaywatch/contracts';
import type { LivePublisher } from '../follow-live.ts';
import { letterKey, type Reference, transitionKey } from './reference.ts';
import { newPlace, type Place, type World } from './world.ts';

/** One message: what it is told by, its content, and what must be true of it. */
type Sent = { readonly key?: string; readonly content?: string; readonly check?: () => void };

const sentLetter = (letter: DeadLetter): Sent => ({
  key: `letter ${letter.partition} ${letterKey(letter)}`,
  content: JSON.stringify(letter),
});
const sentTransition = (one: AlertTransition): Sent => ({
  key: `transition ${transitionKey(one)}`,
  content: JSON.stringify(one),
});

export class FakeTopics {
  readonly #world: World;
  readonly #references: ReadonlyMap<number, Reference>;
  readonly #broker = newPlace('topics');
  readonly #published = new Map<string, string>();
  /** Chance of a send to fail after a part of it was taken. */
  failing = 0;
  marks = 0;
  /** Moves log time on in a partition in which nothing arrives. */
  tick: (partition: number) => void = () => {};

  constructor(world: World, references: ReadonlyMap<number, Reference>) {
    this.#world = world;
    this.#references = references;
  }

  get count(): number {
    return this.#published.size;
  }

  hasLetter(letter: DeadLetter): boolean {
    return this.#published.has(sentLetter(letter).key ?? '');
  }

  hasTransition(one: AlertTransition): boolean {
    return this.#published.has(sentTransition(one).key ?? '');
  }

  /** One process's producer. */
  publisher(place: Place): LivePublisher {
    return {
      transitions: (list) => this.#send(place, list.map(sentTransition)),
      deadLetters: (_topic, list) =>
        this.#send(
          place,
          list.map(({ letter }) => sentLetter(letter)),
        ),
      rows: (partition, rows, mark) => this.#send(place, this.#sentRows(partition, rows, mark)),
      tick: (partition) => this.#send(place, [{ check: () => this.tick(partition) }]),
    };
  }

  #sentRows(partition: number, rows: readonly ThroughputRow[], mark?: ClosedThroughMark): Sent[] {
    const reference = this.#references.get(partition);
    const sent: Sent[] = rows
      .filter((row) => !row.provisional)
      .map((row) => ({ check: () => reference?.checkPublished(row) }));
    const checkMark = () => {
      this.marks++;
      if (mark !== undefined) reference?.checkMark(mark);
    };
    return mark === undefined ? sent : [...sent, { check: checkMark }];
  }

  #send(place: Place, list: readonly Sent[]): Promise<void> {
    if (list.length === 0) return Promise.resolve();
    const fails = this.#world.chance(this.failing);
    return new Promise((resolve, reject) => {
      this.#world.at(this.#broker, this.#world.between(0, 10), () => {
        const taken = fails ? list.slice(0, this.#world.between(0, list.length)) : list;
        for (const one of taken) this.#take(one);
        this.#world.at(place, 2, () => (fails ? reject(new Error('The broker did not take it.')) : resolve()));
      });
    });
  }

  #take({ key, content, check }: Sent): void {
    check?.();
    if (key === undefined || content === undefined) return;
    const known = this.#published.get(key);
    if (known !== undefined && known !== content)
      this.#world.violate('what is published twice differs', `${content} and ${known}`);
    this.#published.set(key, content);
  }
}
