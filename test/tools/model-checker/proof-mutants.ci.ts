/** The proof at synthesis decides as the enumeration of all paths does, on workflows with changed conditions and with jobs of the project. */
import { consequenceOf } from '../../../src/ci/github/proof/consequences';
import { joinedChain, joinedDeliveries, smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';
import { testBedsOf } from '../../../tools/model-checker/outcomes/mutants';
import { ChangedWorkflow, changedByHost, changedConditions, disproved, enumerated, PROVEN } from '../../../tools/model-checker/outcomes/proof-mutants';
import { sayTaken, taken } from '../../../tools/model-checker/share';

const MOST_OF_A_KIND = 100;

/** Evenly from the whole list. */
function spread(list: readonly ChangedWorkflow[]): ChangedWorkflow[] {
  const placeOf = (i: number) => Math.floor((i * MOST_OF_A_KIND) / list.length);
  return list.filter((_, i) => placeOf(i) !== placeOf(i - 1));
}

const deliveries = [...smallDeliveries(), ...joinedDeliveries(), joinedChain('release')]
  .map((delivery) => ({ ...delivery, workflows: delivery.workflows.filter(([name]) => PROVEN.includes(name)) }));
const beds = deliveries.flatMap((delivery) => testBedsOf(delivery, { attempts: 2 }));
const [chain] = beds.filter(({ delivery }) => delivery.name === 'after');
const workflows = [
  ...beds.map((bed): ChangedWorkflow => ({ title: `${bed.delivery.name}, as it is`, bed, jobs: bed.workflow.jobs })),
  ...spread(beds.flatMap(changedConditions)),
  ...spread(changedByHost(chain, ['staging', 'production'])),
];

const verdicts = taken(workflows).map((changed) => {
  const disproof = disproved(changed);
  return { title: changed.title, rule: enumerated(changed), consequence: disproof && consequenceOf(disproof) };
});

test('there are at least 200 workflows, and of those that are taken more than a tenth is wrong, and more than a tenth right', () => {
  const wrong = verdicts.filter(({ rule }) => rule !== undefined).length;
  process.stderr.write(`the proof and the enumeration: ${sayTaken(verdicts.length, workflows.length)} workflows, ${wrong} of them wrong\n`);
  const aTenth = verdicts.length / 10;
  expect(workflows.length).toBeGreaterThan(200);
  expect(wrong).toBeGreaterThan(aTenth);
  expect(verdicts.length - wrong).toBeGreaterThan(aTenth);
});

test('none is accepted that the enumeration finds wrong', () => {
  expect(verdicts.filter(({ rule, consequence }) => rule !== undefined && consequence === undefined)).toEqual([]);
});

test('none is refused that the enumeration finds right', () => {
  expect(verdicts.filter(({ rule, consequence }) => rule === undefined && consequence !== undefined)).toEqual([]);
});
