// Programs that use the official SDK for Go as its users do; each prints one JSON document.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

var ctx = context.Background()

func main() {
	programs := map[string]func() any{"operations": operations, "creates": creates, "polls": polls, "webhooks": webhooks}
	program, known := programs[os.Args[1]]
	if !known {
		panic("no such program: " + os.Args[1])
	}
	text := must(json.Marshal(program()))
	fmt.Println(string(text))
}

func createClient(options ...option.RequestOption) openai.Client {
	base := []option.RequestOption{
		option.WithBaseURL(os.Getenv("BASE_URL")),
		option.WithAPIKey(os.Getenv("API_KEY")),
	}
	return openai.NewClient(append(base, options...)...)
}

// must is for what has to succeed before anything can be looked at.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
