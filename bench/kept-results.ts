import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Measurement, Outcome } from './measurement';
import { renderPlot } from './svg-plot';

const RESULTS = join(__dirname, 'results');

/** Writes what was measured to bench/results. */
export function keep({ name, title }: Measurement, { figures, table, notes, data, plot }: Outcome, loadBefore: number): void {
  mkdirSync(RESULTS, { recursive: true });
  const result = { title, measuredAt: new Date().toISOString(), machine: machine(), loadBefore, figures, table, notes, data };
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, rounded, 1)}\n`);
  writeFileSync(join(RESULTS, `${name}.svg`), renderPlot(plot));
}

/** No clock here is better than a microsecond. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

export function machine(): string {
  const all = cpus();
  return `${all.length} cores (${all[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
}
