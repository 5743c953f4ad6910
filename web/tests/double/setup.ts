/** Before every unit test: IndexedDB in memory. Web Crypto is Node's own. */
import "fake-indexeddb/auto";
