/** How many paths there were, for a person to see. */
import { Exploration } from './exploration';

export const HEADINGS = ['delivery', 'workflow', 'first attempts', 'second attempts', 'distinct ends', 'left to the next command'];

export function figures({ firstAttempts, reruns, ends, leftToTheNext }: Omit<Exploration, 'violations'>): string[] {
  return [firstAttempts, reruns, ends, leftToTheNext].map((count) => count.toLocaleString('en'));
}

export function table(lines: string[][]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const padded = (cell: string, column: number) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  return lines.map((line) => line.map(padded).join('  ')).join('\n');
}
