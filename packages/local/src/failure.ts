/** Something on this machine or in the configuration keeps us from starting; the sentence says what to do. */
export class StartError extends Error {
  readonly code:
    | "configuration-missing"
    | "folder-in-use"
    | "folder-unusable"
    | "java-missing"
    | "nothing-metered"
    | "nothing-runs"
    | "port-taken"
    | "process-failed";
  constructor(code: StartError["code"], sentence: string) {
    super(sentence);
    this.name = "StartError";
    this.code = code;
  }
}
