import { DecisionCode } from './decision-code';
import { Exploration, explore, ExploreOptions } from './explorer';
import { Scenario } from './system';

interface Known {
  readonly maxStates: number;
  readonly exploration: Exploration;
}

/** Explores scenarios that differ in nothing but their name once, as far as any asks for. */
export class ExploredOnce {
  private readonly known = new Map<string, Known>();

  constructor(private readonly code: DecisionCode) {}

  public async explore(scenario: Scenario, { maxStates = Infinity }: Pick<ExploreOptions, 'maxStates'> = {}): Promise<Exploration> {
    const key = JSON.stringify({ ...scenario, name: '' });
    const known = this.known.get(key);
    if (known && (known.exploration.isComplete || known.maxStates >= maxStates)) return known.exploration;
    const exploration = await explore(this.code, scenario, { maxStates });
    this.known.set(key, { maxStates, exploration });
    return exploration;
  }
}
