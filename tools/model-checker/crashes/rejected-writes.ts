import { Laptop, Rejection } from './laptop';
import { Behaviour } from './service';

/** Deploys v2 over v1 while writes are rejected. Returns the faults of its messages, and of the command that follows. */
export async function faultsOfRejection(laptop: Laptop, behaviour: Behaviour, rejection: Rejection): Promise<string[]> {
  laptop.restore();
  const { code, output, rejections } = await laptop.deployRejected('v2', behaviour, rejection);
  const after = await laptop.status();
  const { served } = laptop.service;
  const isStable = after.stable === 'v2' && after.state === 'stable';
  const said = [
    ...(rejections === 0 ? ['no write was rejected: the plan of the rejection has no effect'] : []),
    ...(code === 0 && !isStable ? ['it ended 0, and v2 is not Stable in the ledger'] : []),
    ...(output.includes('verified and Stable') && !isStable ? ['it says that v2 is Stable, and the ledger does not'] : []),
    ...(code !== 0 && isStable ? [`it ended ${code}, and v2 is Stable`] : []),
    ...(code !== 0 && !/E(IO|NOSPC|ROFS)/.test(output) && behaviour === 'good' ? ['it does not name the cause'] : []),
    ...(/The runtime failed|^ +at /m.test(output) ? ['it crashed'] : []),
  ];
  const next = await comesNext(laptop, output);
  const { stable, state } = await laptop.status();
  const isTakenDown = laptop.service.served !== served;
  return [
    ...said,
    ...(isTakenDown ? [`${next} put ${laptop.service.served} in the place of ${served}`] : []),
    ...(stable !== laptop.service.served ? [`after ${next} users are on ${laptop.service.served}, Stable is ${stable}, ${state}`] : []),
  ].map((fault) => `${fault}\n${output}`);
}

/** Runs the command that the deploy named, else `rollback --recover`. Returns its arguments. */
async function comesNext(laptop: Laptop, output: string): Promise<string> {
  const [, named] = /npx projen delivery ((?:monitor|adopt) production.*)/.exec(output) ?? [];
  const args = named === undefined ? ['rollback', 'production', '--recover'] : named.trim().split(' ');
  await laptop.deliver(args);
  return args.join(' ');
}
