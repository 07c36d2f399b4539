/**
 * Prints the CPU time that the proof (src/ci/github/proof) takes in a new process, for environments that come one after the other.
 *
 * `npx ts-node -T -P test/tsconfig.json tools/model-checker/outcomes/time-proof.ts [how many environments]`
 */
import { small } from './deliveries';
import { provenEnvironments } from './proof-mutants';
import { Trigger } from '../../../src';
import { disproofOf } from '../../../src/ci/github/proof/proof';
import { environment } from '../../../test/test-project';

const names = Array.from({ length: Number(process.argv[2] ?? 1) }, (_, i) => `stage-${i + 1}`);
const delivery = small('time', {
  // else it would be known already
  proof: false,
  environments: names.map((name, i) => environment(name, { trigger: i === 0 ? Trigger.branch('main') : Trigger.after(names[i - 1]) })),
});
const [[, workflow]] = delivery.workflows.filter(([name]) => name === 'deploy');
const proven = provenEnvironments(delivery, workflow);

const begin = process.cpuUsage();
const found = disproofOf(workflow.jobs, proven);
const { user, system } = process.cpuUsage(begin);
process.stdout.write(`${found ? 'refused' : 'accepted'}: environments ${names.length}, CPU ${Math.round((user + system) / 1000)} ms\n`);
