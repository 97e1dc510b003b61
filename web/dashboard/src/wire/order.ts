/** Answers may come in another order than they were asked for: what was asked before something that is answered already is of the past. */

/** @returns called when something is asked; what it gives is called when the answer comes: false when a later one has been taken. */
export function createOrder(): () => () => boolean {
  let asked = 0;
  let taken = 0;
  return () => {
    asked += 1;
    const own = asked;
    return () => {
      if (own < taken) return false;
      taken = own;
      return true;
    };
  };
}
