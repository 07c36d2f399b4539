import { Exploration } from './explorer';
import { Wandering } from './wander';

/** A summary of the exploration for the test's output. */
export class Tally {
  private readonly lines: string[] = [];
  private scenarios = 0;
  private complete = 0;
  private states = 0;
  private transitions = 0;
  private interleavings = 0;
  private walks = 0;
  private walkedSteps = 0;

  public add(exploration: Exploration): void {
    this.scenarios++;
    this.states += exploration.states;
    this.transitions += exploration.transitions;
    if (exploration.isComplete) {
      this.complete++;
      this.interleavings += exploration.interleavings;
    }
    this.lines.push(`${exploration.scenario}: ${sayExploration(exploration)}`);
  }

  public addWalks({ scenario, steps, walks }: Wandering): void {
    this.walks += walks;
    this.walkedSteps += steps;
    this.lines.push(`${scenario}: ${walks} walks at random, ${steps.toLocaleString('en')} steps`);
  }

  public print(): void {
    const total = [
      `${this.scenarios} scenarios, ${this.complete} of them completely`,
      `${this.states.toLocaleString('en')} states`, `${this.transitions.toLocaleString('en')} steps between them`,
      `${this.interleavings.toExponential(1)} interleavings in the complete ones`,
      ...(this.walks > 0 ? [`${this.walks.toLocaleString('en')} walks of ${this.walkedSteps.toLocaleString('en')} steps`] : []),
    ].join(', ');
    process.stdout.write(`${[...this.lines, `in all: ${total}`].map((line) => `  ${line}`).join('\n')}\n`);
  }
}

export function sayExploration({ states, transitions, interleavings, ends, outcomes, depth, windows, isComplete }: Exploration): string {
  return [
    `${states.toLocaleString('en')} states`, `${transitions.toLocaleString('en')} steps between them`,
    isComplete ? `${interleavings.toExponential(1)} interleavings` : 'CUT SHORT',
    `${ends} ends with ${outcomes} different outcomes`, `at most ${depth} steps`,
    ...(windows > 0 ? [`${windows} commands in the window`] : []),
  ].join(', ');
}
