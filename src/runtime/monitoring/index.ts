/**
 * What only monitoring needs of the runtime, in a file of its own, `.projen/delivery-monitoring.cjs`: it is loaded by the first one, and
 * only when it is asked for. Who uses it gets it from `Surroundings.monitoring`. What it needs of the first one is passed in: nothing that
 * holds a state, and no class of an error, may be there twice.
 */
export { tell } from './alerts/tell';
export { look } from './checks/look';
export { publish } from './status/publish';
export { status } from './status/status';
export { watch } from './watch/watch';
