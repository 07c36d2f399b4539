import { crash, CRASH_STORIES } from './crashes';
import { explore } from './explore';
import { loadPreviewCode } from './preview-code';
import { Manifests, SCENARIOS } from './scenarios';
import { Mutation } from '../../../test/mutated-runtime';

interface NoticeOptions {
  readonly manifests: Manifests;
  readonly mostRuns: number;
}

/** The first fault that the model finds in a broken copy of the code; undefined if it finds none. */
export async function noticedBy(mutation: Mutation, { manifests, mostRuns }: NoticeOptions): Promise<string | undefined> {
  const code = await loadPreviewCode(mutation);
  for (const story of CRASH_STORIES) {
    const [fault] = (await crash(story, { code, manifests, faults: [{ fault: 'killed after' }] })).faults;
    if (fault !== undefined) return fault;
  }
  for (const scenario of SCENARIOS) {
    const [fault] = (await explore(scenario, { code, manifests, mostRuns, untilFirst: true })).faults.keys();
    if (fault !== undefined) return `${scenario.name}: ${fault}`;
  }
  return undefined;
}
