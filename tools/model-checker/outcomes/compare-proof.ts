/**
 * Compares the proof (src/ci/github/proof) with the enumeration of all paths, on workflows that others changed: none that the enumeration finds wrong
 * should be accepted, and none that it finds right refused. Prints those that are, or that the proof gives up, and exits with 1 then.
 *
 * `npx ts-node -T -P test/tsconfig.json tools/model-checker/outcomes/compare-proof.ts [how many of each kind]`
 */
import { joinedChain, joinedDeliveries, smallDeliveries } from './deliveries';
import { testBedsOf } from './mutants';
import { ChangedWorkflow, changedByHost, changedConditions, disproved, enumerated, PROVEN } from './proof-mutants';
import { consequenceOf } from '../../../src/ci/github/proof/consequences';
import { Unproven } from '../../../src/ci/github/proof/proof';

const most = Number(process.argv[2] ?? 100);
const deliveries = [...smallDeliveries(), ...joinedDeliveries(), joinedChain('release')]
  .map((delivery) => ({ ...delivery, workflows: delivery.workflows.filter(([name]) => PROVEN.includes(name)) }));
const beds = deliveries.flatMap((delivery) => testBedsOf(delivery, { attempts: 2 }));
const asTheyAre = beds.map((bed): ChangedWorkflow => ({ title: `${bed.delivery.name}, as it is`, bed, jobs: bed.workflow.jobs }));
const [chain] = beds.filter(({ delivery }) => delivery.name === 'after');
const all = [...asTheyAre, ...spread(beds.flatMap(changedConditions)), ...spread(changedByHost(chain, ['staging', 'production']))];

let wrong = 0;
let different = 0;
for (const changed of all) {
  const rule = enumerated(changed);
  const [verdict, reason] = verdictOf(changed);
  if (rule !== undefined) wrong += 1;
  if (verdict === (rule === undefined ? 'accepted' : 'refused')) continue;
  different += 1;
  process.stdout.write(`${verdict}: ${changed.title}\n    ${reason ?? rule}\n`);
}
process.stdout.write(`${all.length} workflows, ${wrong} of them wrong; the proof differs on ${different}\n`);
process.exitCode = different > 0 ? 1 : 0;

function verdictOf(changed: ChangedWorkflow): readonly ['accepted' | 'refused' | 'given up', string?] {
  try {
    const found = disproved(changed);
    return found ? ['refused', consequenceOf(found)] : ['accepted'];
  } catch (error) {
    if (!(error instanceof Unproven)) throw error;
    return ['given up', error.message];
  }
}

/** Evenly from the whole list. */
function spread(list: readonly ChangedWorkflow[]): ChangedWorkflow[] {
  return list.filter((_, i) => Math.floor((i * most) / list.length) !== Math.floor(((i - 1) * most) / list.length));
}
