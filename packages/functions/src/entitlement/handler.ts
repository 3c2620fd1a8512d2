export const handler = (): Promise<void> => Promise.reject(new Error("not wired yet"));
