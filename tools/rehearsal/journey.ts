import { RehearsalError } from './scenario';
import { Manifest, TriggerManifest } from '../../src/contract/manifest';
import { passes } from '../github-actions-emulator/ref-filter';

/** What happens in the repository so that a release reaches an environment: pushes, in order. */
export interface Push {
  /** The environment whose trigger it is. */
  readonly environment: string;
  /** In full; the tag has a version in it. */
  readonly ref: string;
}

/** Throws `RehearsalError` where a release reaches the environment in another way. */
export function journeyTo({ environments }: Manifest, name: string, release: number): Push[] {
  const environment = environments.find((one) => one.name === name);
  if (!environment) throw new RehearsalError(`there is no environment "${name}". There is: ${environments.map((one) => one.name).join(', ')}`);
  const { trigger } = environment;
  const before = (other: string) => journeyTo({ environments } as Manifest, other, release);
  switch (trigger.kind) {
    case 'branch': return [{ environment: name, ref: `refs/heads/${trigger.branch}` }];
    case 'after': return before(trigger.environment);
    case 'tag': return [...(trigger.requires === undefined ? [] : before(trigger.requires)), { environment: name, ref: `refs/tags/${tagOf(trigger, release)}` }];
    case 'manual': throw new RehearsalError(`${name} is deployed by hand (Trigger.manual), and rehearsals push. Rehearse another environment.`);
    case 'release': throw new RehearsalError(`${name} is deployed by the release workflow of projen (Trigger.release), which rehearsals do not execute. Rehearse another environment.`);
  }
}

function tagOf({ except, pattern }: Extract<TriggerManifest, { readonly kind: 'tag' }>, release: number): string {
  const tag = pattern.replace(/\*+/, `1.0.${release}`).replaceAll('*', '0');
  if (passes(tag, [pattern]) && (except === undefined || !passes(tag, [except]))) return tag;
  throw new RehearsalError(`no tag was found that fits the pattern ${pattern}. Rehearse an environment with a simpler pattern, such as v*.`);
}
