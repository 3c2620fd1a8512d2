/** The seller's one configuration. Importing it checks it, so a wrong field stops a deploy before anything is made. */
export { default as configuration } from "../tollhouse.config";
