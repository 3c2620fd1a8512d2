/** Something on this machine keeps the local world from starting; the sentence says what to do. */
export class StartError extends Error {
  readonly code: "java-missing" | "port-taken" | "process-failed";
  constructor(code: StartError["code"], sentence: string) {
    super(sentence);
    this.name = "StartError";
    this.code = code;
  }
}
