import { End } from './job-end';

/** There are fewer ends. */
const MOST_ENDS = 2 ** 20;

/** How the jobs of an environment ended, by place. Equal ones are the same object. */
export class OwnEnds {
  public static of(at: readonly End[], pool = new Map<string, OwnEnds>()): OwnEnds {
    const key = at.map((end) => end.id).join();
    let found = pool.get(key);
    if (!found) pool.set(key, found = new OwnEnds(pool.size, at, pool));
    return found;
  }

  private readonly changed = new Map<number, OwnEnds>();

  private constructor(public readonly id: number, public readonly at: readonly End[], private readonly pool: Map<string, OwnEnds>) {}

  /** With another end of one job. */
  public with(place: number, end: End): OwnEnds {
    const change = place * MOST_ENDS + end.id;
    let found = this.changed.get(change);
    if (!found) {
      const at = this.at.slice();
      at[place] = end;
      this.changed.set(change, found = OwnEnds.of(at, this.pool));
    }
    return found;
  }

  /** With other ends of some jobs. */
  public map(places: readonly number[], change: (end: End, place: number) => End): OwnEnds {
    const at = this.at.slice();
    for (const place of places) at[place] = change(at[place], place);
    return OwnEnds.of(at, this.pool);
  }
}
