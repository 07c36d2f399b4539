import { INPUT } from '../../../contract/workflows';
import { expression, input } from '../jobs/conditions';

/** At the end of a run's name: by this the command line finds the run that it started. */
export const BY_REQUEST = expression(`${input(INPUT.REQUEST)} && format(' ({0})', ${input(INPUT.REQUEST)})`);
