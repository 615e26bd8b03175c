// Numbers that Python and TypeScript both use. Where Python uses one (dermdistill/constants.py), it says why.
import constants from "../../src/dermdistill/constants.json" with { type: "json" };

export default constants;
