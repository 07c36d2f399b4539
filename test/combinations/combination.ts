import { mkdirSync } from 'node:fs';
import { Project } from 'projen';
import { drawDelivery } from './deliveries';
import { Draw } from './draw';
import { drawMistake } from './mistakes';
import { drawRepository } from './projects';
import { Delivery } from '../../src';
import { synthesize } from '../test-project';

/** What became of a combination. */
export interface Combination {
  readonly seed: number;
  readonly notes: readonly string[];
  /** What it must be refused for: it holds one mistake then. */
  readonly rejection?: RegExp;
  /** What it was refused for, or what went wrong. */
  readonly error?: Error;
  /** Where its files are. */
  readonly outdir: string;
}

/** Draws a repository and its deliveries, and synthesizes them. */
export function makeCombination(seed: number, outdir: string): Combination {
  mkdirSync(outdir, { recursive: true });
  const draw = new Draw(seed);
  let error: Error | undefined;
  try {
    synthesize(drawAll(draw, outdir));
  } catch (thrown) {
    error = thrown as Error;
  }
  const { notes, rejection } = draw;
  return { seed, notes, rejection, error, outdir };
}

function drawAll(draw: Draw, outdir: string): Project {
  const repository = drawRepository(draw, outdir);
  repository.root.logger.warn = () => undefined;
  const mistaken = draw.chance(0.12) ? draw.oneOf(repository.places) : undefined;
  for (const place of repository.places) {
    place.project.logger.warn = () => undefined;
    const drawn = drawDelivery(draw, repository, place);
    const mistake = mistaken === place ? drawMistake(draw, drawn) : undefined;
    const { environments = [], ...options } = mistake?.options ?? drawn.options;
    // as people may write it, too
    const isLate = draw.chance(0.2);
    const delivery = new Delivery(place.project, isLate ? options : { ...options, environments });
    if (isLate) for (const { name, ...rest } of inGivenOrder(environments)) delivery.addEnvironment(name, rest);
    for (const job of drawn.jobs) {
      delivery.workflow.addJob(job, { name: job, runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 10, steps: [{ name: 'work', run: 'true' }] });
    }
    mistake?.afterwards?.(delivery);
  }
  return repository.root;
}

/** Those that others name come first. */
function inGivenOrder<T extends { readonly name: string; readonly trigger: { readonly _manifest: object } }>(environments: readonly T[]): T[] {
  const rest = [...environments];
  const sorted: T[] = [];
  while (rest.length > 0) {
    const next = rest.findIndex(({ trigger }) => rest.every(({ name }) => !Object.values(trigger._manifest).includes(name)));
    sorted.push(...rest.splice(Math.max(next, 0), 1));
  }
  return sorted;
}
