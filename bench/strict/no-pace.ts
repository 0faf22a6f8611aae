/** Takes the place of the pace at which a link is read where its cost is measured: whatever comes is read at once. */
export class Pace {
  mayRead(): boolean {
    return true;
  }

  took(): boolean {
    return true;
  }

  settle(): undefined {
    return undefined;
  }
}
