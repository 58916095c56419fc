package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openai/openai-go/v3"
)

type object = map[string]any

// steps notes what each step came to: what the SDK returned, or what it failed with.
type steps struct {
	done []object
}

// see is for a step that is over with its answer, or with its error.
func (s *steps) see(step string, answer any, err error) {
	if err != nil {
		s.done = append(s.done, object{"step": step, "error": shownError(err)})
	} else {
		s.done = append(s.done, object{"step": step, "answer": shown(answer)})
	}
}

// need is for a step that must succeed, since later ones need its result.
func need[T any](s *steps, step string, answer T, err error) T {
	if err != nil {
		panic(fmt.Errorf("%s: %w", step, err))
	}
	s.see(step, answer, nil)
	return answer
}

// shown is the answer as it was sent: the SDK's own fields cannot tell null from zero.
func shown(answer any) any {
	if raw, ok := answer.(interface{ RawJSON() string }); ok {
		return json.RawMessage(raw.RawJSON())
	}
	return answer
}

func shownError(err error) object {
	var refusal *openai.Error
	if !errors.As(err, &refusal) {
		return object{"class": fmt.Sprintf("%T", err), "message": err.Error()}
	}
	return object{
		"class":   fmt.Sprintf("%T", refusal),
		"status":  refusal.StatusCode,
		"type":    refusal.Type,
		"code":    refusal.Code,
		"param":   refusal.Param,
		"message": refusal.Message,
	}
}
