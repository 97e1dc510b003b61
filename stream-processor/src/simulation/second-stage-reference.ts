/**
 * The undisturbed second stage, beside the disturbed one: it takes the windows as the undisturbed cores close them, one after another, and says what
 * of clusters and the nation must be stored. Writes nothing itself.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import { type PortWindows, windowMs } from '../alerting/port-windows.ts';
import type { RuleTimeline } from '../alerting/rule-timeline.ts';
import { createSecondStage, decideThrough, type SecondStage } from '../alerting/second-stage.ts';
import type { Expectations } from '../partition-options.ts';
import { Expected, firstDifference, type Reference, transitionKey } from './reference.ts';
import type { World } from './world.ts';

export class SecondStageReference {
  readonly transitions: AlertTransition[] = [];
  /** By the end of the window that decided it. */
  readonly #expected = new Expected('transition of the second stage');
  readonly #references: ReadonlyMap<number, Reference>;
  readonly #windows: PortWindows;
  readonly #decision: Expectations & { readonly run: string; readonly rules: RuleTimeline; readonly isSimulated: true };
  readonly #world: World;
  #stage: SecondStage | undefined;

  constructor(
    references: ReadonlyMap<number, Reference>,
    windows: PortWindows,
    expectations: Expectations,
    rules: RuleTimeline,
    world: World,
  ) {
    this.#references = references;
    this.#windows = windows;
    this.#decision = { ...expectations, run: 'live', rules, isSimulated: true };
    this.#world = world;
  }

  /** Decides what every partition has closed by now. */
  advance(): void {
    const closed = [...this.#references.values()].map((one) => one.closedThroughMs);
    const throughMs = Math.floor(Math.min(...closed) / windowMs) * windowMs;
    if (!Number.isFinite(throughMs)) return;
    const oldestMs = Math.min(...[...this.#references.values()].map((one) => one.oldestWindowMs));
    if (this.#stage === undefined && oldestMs < throughMs) this.#stage = createSecondStage(oldestMs);
    const stage = this.#stage;
    if (stage === undefined) return;
    for (let endMs = stage.decidedThroughMs + windowMs; endMs <= throughMs; endMs += windowMs) {
      const out: AlertTransition[] = [];
      decideThrough(stage, this.#windows, endMs, this.#decision, out);
      for (const one of out) this.#expected.add(transitionKey(one), endMs, JSON.stringify(one));
      this.transitions.push(...out);
    }
  }

  store(one: AlertTransition, version: number): void {
    this.advance();
    const content = JSON.stringify(one);
    const index = this.#expected.find(transitionKey(one));
    if (index === undefined) return this.#world.violate('a transition of no undisturbed second stage', content);
    if (this.#expected.contentOf(index) !== content || version !== one.transition)
      return this.#world.violate(
        'a transition differs from the undisturbed second stage',
        firstDifference(content, this.#expected.contentOf(index)),
      );
    this.#expected.markStored(index);
  }

  /** A checkpoint says that all that was decided through its position is stored. */
  checkCheckpoint(throughMs: number): void {
    this.advance();
    const missing = this.#expected.missingBefore(throughMs + 1);
    if (missing === undefined) return;
    const detail = `through ${throughMs}, but ${this.#expected.contentOf(missing)} is not stored`;
    this.#world.violate("the second stage's checkpoint is ahead of what it covers", detail);
  }

  get isAllStored(): boolean {
    this.advance();
    return this.#expected.isAllStored;
  }

  get behind(): string {
    return `${this.#expected.storedThrough} of ${this.#expected.count} transitions of the second stage`;
  }

  get decidedThroughMs(): number {
    return this.#stage?.decidedThroughMs ?? Number.NEGATIVE_INFINITY;
  }
}

/** Whether a transition is the second stage's: it names no port. */
export const isOfSecondStage = (one: AlertTransition): boolean => one.level === 'cluster' || one.level === 'nation';
