/**
 * The picture of the rollout's table in docs/rollback.md, made from the table itself.
 * After the table was changed: npx ts-node --transpile-only --project test/tsconfig.json test/docs/state-diagram.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STRATEGIES } from '../../src/contract/strategies';
import { Course, Event, EVENTS, FINAL_STATES, nextIfLegal, State, STATES } from '../../src/runtime/deployment/state-machine';
import { COURSES } from '../../src/runtime/strategies/rollout-strategy';

export const DOCUMENT = join(__dirname, '../../docs/rollback.md');

const SAID: Record<Event, string> = {
  began: 'the record is written',
  rejected: 'rejected',
  commandSucceeded: 'done',
  commandFailed: 'failed',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  inconclusive: 'inconclusive',
  timedOut: 'timed out',
  overtaken: 'someone else was there',
  unrecorded: 'not recorded',
  abandoned: 'process died',
  superseded: 'no longer requested',
};

/** A rollback by hand differs in one thing, which is said beside the picture. */
const DRAWN = COURSES.filter(({ byHand }) => !byHand);

/** Where only some deployments go. */
const WHERE: readonly (readonly [where: string, holds: (course: Course) => boolean])[] = [
  ['with a migration', ({ migrates }) => migrates],
  ['without a migration', ({ migrates }) => !migrates],
  ['can roll back', ({ canGoBack }) => canGoBack],
  ['cannot roll back', ({ canGoBack }) => !canGoBack],
  ['canary, before the last weight', ({ weightsLeft }) => weightsLeft > 0],
  ['canary, before the last weight, can roll back', ({ canGoBack, weightsLeft }) => weightsLeft > 0 && canGoBack],
  ['canary, before the last weight, cannot roll back', ({ canGoBack, weightsLeft }) => weightsLeft > 0 && !canGoBack],
  ['all traffic', ({ steps, weightsLeft }) => steps.includes('promoting') && weightsLeft === 0],
];

/** A Mermaid state diagram: one arrow for each pair of states, with all that leads along it. */
export function stateDiagram(): string {
  const arrows = STATES.flatMap((from) => STATES.map((to) => ({ from, to, label: labelOf(from, to) }))).filter(({ label }) => label !== '');
  return [
    'stateDiagram-v2',
    '  [*] --> pending',
    ...arrows.map(({ from, to, label }) => `  ${from} --> ${to}: ${label}`),
    ...FINAL_STATES.map((state) => `  ${state} --> [*]`),
  ].join('\n');
}

function labelOf(from: State, to: State): string {
  const byWhere = new Map<string, string[]>();
  for (const event of EVENTS) {
    const leading = DRAWN.filter((course) => nextIfLegal(from, event, course) === to);
    if (leading.length > 0) byWhere.set(where(leading), [...byWhere.get(where(leading)) ?? [], SAID[event]]);
  }
  const isSame = to === 'halted' && byWhere.get('cannot roll back')?.join() === eventsBack(from);
  return [...byWhere].map(([place, events]) => `${isSame && place ? 'the same' : events.join(', ')}${place && ` (${place})`}`).join('; ');
}

/** What would take it back, if there were a way. */
function eventsBack(from: State): string {
  return EVENTS.filter((event) => DRAWN.some((course) => nextIfLegal(from, event, course) === 'rollingBack')).map((event) => SAID[event]).join();
}

function where(courses: readonly Course[]): string {
  if (courses.length === DRAWN.length) return '';
  const named = [...WHERE, strategies(courses)].find(([, holds]) => DRAWN.every((course) => holds(course) === courses.includes(course)));
  if (!named) throw new Error(`no name for the courses ${JSON.stringify(courses)}`);
  return named[0];
}

/** The strategies whose deployments these are. */
function strategies(courses: readonly Course[]): typeof WHERE[number] {
  const named = STRATEGIES.filter(({ steps }) => courses.some((course) => course.steps === steps));
  return [named.map(({ title }) => title).join(', '), (course) => named.some(({ steps }) => course.steps === steps)];
}

const BLOCK = /(<!-- made by test\/docs\/state-diagram\.ts -->\n```mermaid\n)[\s\S]*?(\n```)/;

/** The document with the picture as the table is now. */
export function withDiagram(text: string): string {
  if (!BLOCK.test(text)) throw new Error('docs/rollback.md has no place for the picture');
  return text.replace(BLOCK, (_, before: string, after: string) => before + stateDiagram() + after);
}

if (require.main === module) writeFileSync(DOCUMENT, withDiagram(readFileSync(DOCUMENT, 'utf8')));
