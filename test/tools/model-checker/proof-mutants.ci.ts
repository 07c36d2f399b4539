/**
 * The proof at synthesis beside the enumeration of all paths, on workflows that others changed: none that the enumeration finds wrong is
 * accepted, and none that it finds right is refused.
 */
import { joinedChain, joinedDeliveries, smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';
import { testBedsOf } from '../../../tools/model-checker/outcomes/mutants';
import { ChangedWorkflow, changedByHost, changedConditions, disproved, enumerated, PROVEN } from '../../../tools/model-checker/outcomes/proof-mutants';

const MOST_OF_OURS = 120;
const MOST_OF_HOST = 100;

const deliveries = [...smallDeliveries(), ...joinedDeliveries(), joinedChain('release')]
  .map((delivery) => ({ ...delivery, workflows: delivery.workflows.filter(([name]) => PROVEN.includes(name)) }));
const beds = deliveries.flatMap((delivery) => testBedsOf(delivery, { attempts: 2 }));
const ours = spread(beds.flatMap(changedConditions), MOST_OF_OURS);
const [chain] = beds.filter(({ delivery }) => delivery.name === 'after');
const hosts = spread(changedByHost(chain!, ['staging', 'production']), MOST_OF_HOST);
const judged = [...ours, ...hosts].map((changed) => ({ title: changed.title, rule: enumerated(changed), found: disproved(changed) }));

afterAll(() => {
  const wrong = judged.filter(({ rule }) => rule !== undefined).length;
  process.stdout.write(`\n${judged.length} changed workflows: ${wrong} wrong, ${judged.length - wrong} right\n`);
});

it('every workflow as it stands is proven', () => {
  const found = beds.map((bed) => [bed.delivery.name, disproved({ title: '', bed, jobs: bed.workflow.jobs })] as const);
  expect(found.filter(([, broken]) => broken)).toEqual([]);
});

it('there are 200 changed workflows, wrong and right ones', () => {
  expect(judged.length).toBeGreaterThanOrEqual(200);
  expect(judged.filter(({ rule }) => rule !== undefined).length).toBeGreaterThan(50);
  expect(judged.filter(({ rule }) => rule === undefined).length).toBeGreaterThan(20);
});

it('none that the enumeration finds wrong is accepted', () => {
  expect(judged.filter(({ rule, found }) => rule !== undefined && !found).map(({ title, rule }) => `${title}: ${rule}`)).toEqual([]);
});

it('none that the enumeration finds right is refused', () => {
  expect(judged.filter(({ rule, found }) => rule === undefined && found).map(({ title, found }) => `${title}: ${found!.fault}: ${found!.story.join(', ')}`)).toEqual([]);
});

/** Evenly from the whole list. */
function spread(all: readonly ChangedWorkflow[], most: number): ChangedWorkflow[] {
  return all.filter((_, i) => Math.floor((i * most) / all.length) !== Math.floor(((i - 1) * most) / all.length));
}
