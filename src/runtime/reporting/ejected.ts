import { RUNTIME_FILE, WRITER } from '../../contract/manifest';

/** After `projen eject` the files are the user's own, and there is no projen to run. */
const isEjected = !WRITER.includes('projen');

/** The command line of this tool at the root of the repository. */
export const DELIVERY = unlessEjected('npx projen delivery', `node ${RUNTIME_FILE}`);

/** The words for a project whose files projen writes, or for one whose files are its own. */
export function unlessEjected(projen: string, own: string): string {
  return isEjected ? own : projen;
}
