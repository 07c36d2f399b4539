import { Exploration } from './explorer';

/** What was gone, for the one who reads the test's output. */
export class Tally {
  private readonly lines: string[] = [];
  private states = 0;
  private interleavings = 0;

  public add(exploration: Exploration): void {
    this.states += exploration.states;
    this.interleavings += exploration.interleavings;
    this.note(`${exploration.scenario}: ${sayExploration(exploration)}`);
  }

  private note(line: string): void {
    this.lines.push(line);
  }

  public print(): void {
    const total = `${this.states.toLocaleString('en')} states, ${this.interleavings.toExponential(1)} interleavings in all`;
    process.stdout.write(`${[...this.lines, total].map((line) => `  ${line}`).join('\n')}\n`);
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
