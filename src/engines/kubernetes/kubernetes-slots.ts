import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for two slots, `blue` and `green`, in the namespace of `Target.kubernetes`. The Deployments behind one Service are there twice, once for each
 * slot, and the selector of the Service decides which of them users reach.
 */
export interface KubernetesSlotsOptions {
  /**
   * The Service of the manifests that users reach, at most 57 characters. Each slot also has a Service of its own, `<service>-blue` and `<service>-green`,
   * which leads to its pods only: that is where the candidate is verified.
   */
  readonly service: string;
}

const OPTION = 'Target.kubernetes slots';
const EXAMPLE = '{ service: \'shop\' }';
const OPTIONS: OptionNames<KubernetesSlotsOptions> = { service: true };
/** A Service's name has 63 characters, and `-green` is added. */
const SERVICE = /^[a-z]([a-z0-9-]{0,55}[a-z0-9])?$/;

/** Returns the Service that users reach. */
export function serviceOfSlots(slots: KubernetesSlotsOptions): string {
  const { service } = optionsOf(OPTION, slots, OPTIONS, EXAMPLE, OPTION);
  if (service === undefined) invalid(`${OPTION} service`, 'it is missing', `Write slots: ${EXAMPLE}`);
  if (typeof service === 'string' && SERVICE.test(service)) return service;
  return invalid(`${OPTION} service`, `${show(service)} is not the name of a Service (lower-case letters, digits and -, a letter first, at most 57 characters)`, 'Write the name of the Service in your manifests, for example \'shop\'');
}
