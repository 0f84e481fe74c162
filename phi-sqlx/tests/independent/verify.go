// Verifies an exported log with the code that Go's module mirror is verified with
// (golang.org/x/mod/sumdb), which shares nothing with ours.
//
// usage: verify KEY CHECKPOINT ENTRIES [KEPT]
//
// KEY is a note verifier key; CHECKPOINT and KEPT are files with signed checkpoints, KEPT an older
// one that its owner has kept; ENTRIES is a file with one entry a line, in the order of the log.
// Exit code 0: the entries are those of both checkpoints. 1: they are not. 2: cannot tell.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkpoint reads a signed tree head (C2SP tlog-checkpoint): origin, size and root.
func checkpoint(file string, key note.Verifier) (int64, tlog.Hash, error) {
	signed, err := os.ReadFile(file)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != key.Name() || lines[3] != "" {
		return 0, tlog.Hash{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, errors.New("checkpoint has no size")
	}
	root, err := tlog.ParseHash(lines[2])
	return size, root, err
}

func verify(args []string) error {
	key, err := note.NewVerifier(args[0])
	if err != nil {
		return err
	}
	size, root, err := checkpoint(args[1], key)
	if err != nil {
		return err
	}
	entries, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, errors.New("there are fewer entries than the checkpoint says")
			}
			found = append(found, stored[index])
		}
		return found, nil
	})
	var count int64
	for _, entry := range bytes.SplitAfter(entries, []byte("\n")) {
		if len(entry) == 0 {
			continue
		}
		hashes, err := tlog.StoredHashes(count, bytes.TrimSuffix(entry, []byte("\n")), reader)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
		count++
	}
	if count != size {
		return fmt.Errorf("%d entries, and the checkpoint is of %d", count, size)
	}
	if found, err := tlog.TreeHash(size, reader); err != nil || found != root {
		return errors.New("entries are not those of the checkpoint")
	}
	for _, file := range args[3:] {
		kept, keptRoot, err := checkpoint(file, key)
		if err != nil {
			return err
		}
		if kept > size {
			return errors.New("the log is shorter than the kept checkpoint")
		}
		proof, err := tlog.ProveTree(size, kept, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, size, root, kept, keptRoot); err != nil {
			return errors.New("the log does not continue the kept checkpoint")
		}
	}
	return nil
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: verify KEY CHECKPOINT ENTRIES [KEPT]")
		os.Exit(2)
	}
	if err := verify(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
