package main

import (
	"os"

	"github.com/openai/openai-go/v3"
)

// polls does one create that the SDK's own helper waits for, at whatever pace it chooses.
func polls() any {
	client := createClient()
	params := openai.VideoNewParams{Prompt: os.Getenv("PROMPT"), Seconds: "4"}
	return shown(must(client.Videos.NewAndPoll(ctx, params, 0)))
}
