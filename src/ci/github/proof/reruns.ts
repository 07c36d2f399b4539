import { Before, Befores } from './before';
import { Cone } from './cone';
import { meanwhile } from './environment-state';
import { dueEnd } from './job-end';
import { Node, Nodes } from './node';
import { OwnEnds } from './own-ends';

/** What a person may ask for. */
interface Choice {
  /** The jobs that are due again, and how the others ended. */
  readonly ends: OwnEnds;
  readonly step: string;
  /** The place of the job that the person asks for; -1 if several. */
  readonly requested: number;
  /** Whether the jobs before run again, too. */
  readonly isRedone: boolean;
}

/** What may follow when every job of an attempt has ended: a person runs jobs again, and others may have come meanwhile. */
export class Reruns {
  /** What was begun with every way in which the jobs before end. */
  private readonly redone = new Set<string>();
  private readonly due = new Map<string, readonly number[]>();
  private readonly choices = new Map<OwnEnds, readonly Choice[]>();
  private readonly ownPlaces: readonly number[];

  /** @param all every way in which the jobs before may end */
  constructor(private readonly cone: Cone, private readonly befores: Befores, private readonly all: readonly Before[]) {
    this.ownPlaces = cone.own.map(({ place }) => place);
  }

  /** Returns the beginnings of the next attempts. */
  public of(nodes: readonly Node[]): Node[] {
    const found = new Nodes();
    for (const one of nodes) for (const node of this.withOthers(one)) this.addChoices(node, found);
    return found.all;
  }

  private withOthers(node: Node): Node[] {
    const { before, state } = node;
    const others = meanwhile(state).filter((one) => one !== state)
      .map((changed): Node => ({ ...node, state: changed, from: node, step: 'meanwhile another release comes', length: node.length + 1 }));
    const lost = this.withLost(before).slice(1)
      .map((one): Node => ({ ...node, before: one, from: node, step: 'meanwhile a person rolls the environment before back', length: node.length + 1 }));
    return [node, ...others, ...lost];
  }

  /** A person may have rolled back the environment before, and its jobs do not know. */
  private withLost(before: Before): Before[] {
    const isKnown = this.cone.environment.after !== undefined && before.isVerified && before.isMet;
    return isKnown ? [before, this.befores.with(before, { isMet: false })] : [before];
  }

  private addChoices(node: Node, found: Nodes): void {
    for (const { ends, step, requested, isRedone } of this.choicesOf(node.ends)) {
      const again = { ...node, ends, requested, from: node, step, length: node.length + 1 };
      if (isRedone) this.addRedone(again, found);
      else found.add(again);
    }
  }

  /** A person may ask for a job, the failed ones or all of them, with those that depend on them. */
  private choicesOf(ends: OwnEnds): readonly Choice[] {
    let choices = this.choices.get(ends);
    if (!choices) {
      const { main, outside } = this.cone;
      const ran = this.ownPlaces.filter((place) => ends.at[place].result !== 'skipped');
      const bad = ran.filter((place) => ends.at[place].result !== 'success');
      const before = outside.map(({ place }) => place);
      const choice = (chosen: readonly number[], what: string, more: Partial<Choice> = {}): Choice => (
        { ends: ends.map(this.dueWith(chosen), dueEnd), step: `${what} run again`, requested: -1, isRedone: false, ...more });
      this.choices.set(ends, choices = [
        ...ran.map((place) => choice([place], `{${place}} is`, place === main.rollback.place ? { requested: place } : {})),
        ...(bad.length > 0 ? [choice(bad, 'the failed jobs are')] : []),
        ...(before.length > 0 ? [choice([...before, ...bad], 'jobs before are', { isRedone: true })] : []),
        choice(this.ownPlaces, 'all jobs are', { isRedone: true }),
      ]);
    }
    return choices;
  }

  /** With the jobs before, which may end in any way. */
  private addRedone(again: Node, found: Nodes): void {
    const key = `${again.ends.id} ${again.state.id}`;
    if (this.redone.has(key)) return;
    this.redone.add(key);
    for (const before of this.all.flatMap((one) => this.withLost(one))) found.add({ ...again, before, isCancelled: before.isCancelled });
  }

  /** The jobs, and those that depend on them. */
  private dueWith(chosen: readonly number[]): readonly number[] {
    const key = chosen.join();
    let due = this.due.get(key);
    if (!due) {
      const jobs = this.cone.own.filter(({ place, ancestors }) => chosen.includes(place) || ancestors.some((one) => chosen.includes(one)));
      this.due.set(key, due = jobs.map(({ place }) => place));
    }
    return due;
  }
}
