/** Sequence numbers in ascending order, taken from the front; a returned one goes back to its place. */
export class ReadyList {
  private items: number[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  first(): number | undefined {
    return this.items[this.head];
  }

  take(): number | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head++];
    if (this.head > 1_024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  insert(item: number): void {
    const last = this.items.at(-1);
    if (this.size === 0 || last === undefined || last < item) {
      this.items.push(item);
      return;
    }
    this.items.splice(this.placeOf(item), 0, item);
  }

  remove(item: number): boolean {
    const place = this.placeOf(item);
    if (this.items[place] !== item) return false;
    this.items.splice(place, 1);
    return true;
  }

  private placeOf(item: number): number {
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle] ?? 0) < item) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
